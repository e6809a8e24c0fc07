//! What the environment of a command needs, so that the prefix is active in it.

use mambox_activate::{
    Activation, Change, Document, Environment, How, Mode, active_prefix, deactivate, prefix_below, switch,
};

use crate::launch::Launch;
use crate::prefix::{Prefix, wanted};
use crate::world::World;

/// Makes the wanted prefix active for a launch, unless `MAMBA_SKIP_ACTIVATE=1`. Returns the scripts that
/// a shell must source before the command. A prefix that is not there is told, and the command runs.
pub(crate) fn activate(world: &World, launch: &mut Launch) -> Vec<String> {
    if world.says_yes("MAMBA_SKIP_ACTIVATE") {
        return Vec::new();
    }
    let path = wanted(world);
    let Some(target) = Prefix::read(world, &path, &mut launch.messages) else {
        launch.messages.push(format!(
            "there is no environment at {path}: it has no conda-meta folder. Nothing is activated; \
             ENV_NAME and MAMBA_ROOT_PREFIX say where it lies, MAMBA_SKIP_ACTIVATE=1 that none is wanted"
        ));
        return Vec::new();
    };
    let needs_shell = target.needs_shell();
    if world.variable("CONDA_PREFIX") == Some(&path) {
        complete(world, &target, needs_shell, launch);
    } else {
        let activation = if needs_shell { target.plain.clone() } else { target.captured() };
        replace(world, &activation, launch);
    }
    if needs_shell { target.script_paths() } else { Vec::new() }
}

/// Adds what is missing where the prefix is active already, as in an image whose Env carries it. Values
/// that are there stay: somebody may have set them on purpose (`docker run -e`), or put folders before
/// the prefix's in `PATH`.
fn complete(world: &World, target: &Prefix, needs_shell: bool, launch: &mut Launch) {
    let current = &world.environment;
    let activation = if needs_shell { target.plain.clone() } else { target.captured() };
    let bin = format!("{}/bin", activation.prefix);
    let has_programs = current.get("PATH").is_some_and(|path| path.split(':').any(|folder| folder == bin));
    let is_there = |name: &str| if name == "PATH" { has_programs } else { current.contains_key(name) };
    let mut missing = activation.env(world.variable("PATH"));
    missing.retain(|(name, _)| !is_there(name));
    if needs_shell {
        let mut next = current.clone();
        next.extend(missing);
        undo_captured(target, &mut next);
        launch.change(Change::between(current, &next));
    } else {
        launch.change(Change { set: missing, unset: Vec::new() });
    }
}

/// Leaves whatever is active and activates the prefix.
fn replace(world: &World, target: &Activation, launch: &mut Launch) {
    let current = &world.environment;
    if active_prefix(current).is_none() {
        // The usual start of a container: what has no part in it is not copied around.
        let has_part = |name: &String| {
            name == "PATH"
                || name.starts_with("CONDA_")
                || name.starts_with("__CONDA_")
                || target.variables.contains_key(name)
                || target.unset.contains(name)
        };
        let mut part = Environment::new();
        for (name, value) in current.iter().filter(|(name, _)| has_part(name)) {
            part.insert(name.clone(), value.clone());
        }
        return launch.change(switch(&part, target, How::Replace));
    }
    let mut next = current.clone();
    while let Some((prefix, _)) = active_prefix(&next) {
        next = left(world, &next, prefix);
    }
    let next = switch(&next, target, How::Replace).apply(&next);
    launch.change(Change::between(current, &next));
}

/// The environment after the active prefix is left, for the one below it. Its own values go; one that was
/// changed since is somebody else's and stays. A prefix that is not in this image, as under Apptainer,
/// where the host's variables arrive, has only its marks.
fn left(world: &World, current: &Environment, prefix: &str) -> Environment {
    let mut unheard = Vec::new();
    let mut read = |prefix: &str| Prefix::read(world, prefix, &mut unheard);
    let below = prefix_below(current).and_then(&mut read).map(|below| below.captured());
    let Some(active) = read(prefix) else {
        let nothing = Activation::new(prefix, prefix, [], &Environment::new());
        return deactivate(current, &nothing, below.as_ref()).apply(current);
    };
    let mut activation = active.captured();
    let mut next = current.clone();
    undo_captured(&active, &mut next);
    activation.variables.retain(|name, value| next.get(name) == Some(value));
    deactivate(&next, &activation, below.as_ref()).apply(&next)
}

/// Puts back what the build found before scripts changed it, where it is as they left it.
fn undo_captured(prefix: &Prefix, next: &mut Environment) {
    let Some(Document { mode: Mode::Captured, before, captured, .. }) = &prefix.document else { return };
    for (name, before) in before {
        if next.get(name) == captured.variables.get(name) {
            match before {
                Some(value) => next.insert(name.clone(), value.clone()),
                None => next.remove(name),
            };
        }
    }
    if let Some(path) = next.get_mut("PATH") {
        let added =
            |folder: &&str| captured.path_first.iter().chain(&captured.path_last).any(|a| a == folder);
        *path = path.split(':').filter(|folder| !added(folder)).collect::<Vec<_>>().join(":");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Image, told};

    const PATH: (&str, &str) = ("PATH", "/usr/bin:/bin");
    const SCRIPT: &str = "etc/conda/activate.d/gdal.sh";

    /// What an image's Env holds when base is active in it.
    const ACTIVE: [(&str, &str); 5] = [
        ("PATH", "/opt/conda/bin:/usr/bin:/bin"),
        ("CONDA_PREFIX", "/opt/conda"),
        ("CONDA_SHLVL", "1"),
        ("CONDA_DEFAULT_ENV", "base"),
        ("CONDA_PROMPT_MODIFIER", "(base) "),
    ];

    /// The changes and messages of activating, and the scripts that are left to source.
    fn activated(image: &Image, variables: &[(&str, &str)]) -> String {
        let mut launch = Launch::default();
        let scripts = activate(&image.world(variables), &mut launch);
        told(&launch) + &scripts.iter().map(|script| format!("sources: {script}\n")).collect::<String>()
    }

    fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        ACTIVE.iter().chain(more).copied().collect()
    }

    /// A document that knows `gdal.sh`, which sets GDAL from `old` to `new` and puts a folder into PATH.
    fn document(mode: &str, dynamic: &str) -> String {
        format!(
            r#"{{"format": 1, "mode": "{mode}", "scripts": ["{SCRIPT}"], "before": {{"GDAL": "old", "NEW": null, "GONE": "x"}},
            "captured": {{"variables": {{"GDAL": "new", "NEW": "1"}}, "unset": ["GONE"], "path_first": ["/opt/gdal"],
            "path_last": [], "dynamic": [{dynamic}]}}}}"#
        )
    }

    fn image_with_script(document: &str) -> Image {
        Image::new(&[
            ("/opt/conda/etc/conda/activate.d/gdal.sh", ""),
            ("/opt/conda/conda-meta/mambox/activation.json", document),
        ])
    }

    #[test]
    fn a_prefix_is_activated_with_the_variables_of_its_files() {
        let image = Image::new(&[
            ("/opt/conda/conda-meta/state", r#"{"env_vars": {"OWN": "environment"}}"#),
            ("/opt/conda/etc/conda/env_vars.d/a.json", r#"{"OWN": "package", "A": "1"}"#),
        ]);
        insta::assert_snapshot!(activated(&image, &[PATH]), @r"
        A=1
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        OWN=environment
        PATH=/opt/conda/bin:/usr/bin:/bin
        ");
    }

    #[test]
    fn what_is_active_already_stays_as_it_is() {
        let image = Image::new(&[("/opt/conda/conda-meta/state", r#"{"env_vars": {"A": "1", "B": "2"}}"#)]);
        assert_eq!(activated(&image, &with(&[("A", "1"), ("B", "2")])), "");
        // Somebody's own value, and somebody's own folder before the prefix's.
        let mut own = with(&[("A", "mine"), ("B", "")]);
        own[0].1 = "/venv/bin:/opt/conda/bin:/usr/bin";
        assert_eq!(activated(&image, &own), "");
        // A variable that is new since the image was built, and a PATH that lost the prefix.
        own.pop();
        own[0].1 = "/usr/bin";
        insta::assert_snapshot!(activated(&image, &own), @r"
        B=2
        PATH=/opt/conda/bin:/usr/bin
        ");
    }

    #[test]
    fn captured_scripts_need_no_shell() {
        let image = image_with_script(&document("captured", ""));
        insta::assert_snapshot!(activated(&image, &[PATH, ("GONE", "x")]), @r"
        -GONE
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        GDAL=new
        NEW=1
        PATH=/opt/gdal:/opt/conda/bin:/usr/bin:/bin
        __CONDA_SHLVL_0_GONE=x
        ");
        let mut active = with(&[("GDAL", "new"), ("NEW", "1")]);
        active[0].1 = "/opt/gdal:/opt/conda/bin:/usr/bin";
        assert_eq!(activated(&image, &active), "");
    }

    #[test]
    fn scripts_are_sourced_where_the_build_did_not_capture_all() {
        let sources = |image: &Image| activated(image, &[PATH]).contains("sources: /opt/conda/etc");
        assert!(sources(&Image::new(&[
            ("/opt/conda/conda-meta/", ""),
            ("/opt/conda/etc/conda/activate.d/a.sh", "")
        ])));
        assert!(!sources(&Image::new(&[
            ("/opt/conda/conda-meta/", ""),
            ("/opt/conda/etc/conda/activate.d/a.csh", "")
        ])));
        assert!(!sources(&image_with_script(&document("captured", ""))));
        assert!(sources(&image_with_script(&document("captured", r#""HOST""#))));
        assert!(sources(&image_with_script(&document("captured", "").replace("/gdal.sh", "/other.sh"))));
        assert!(sources(&image_with_script(&document("entrypoint", ""))));
        assert!(!sources(&image_with_script(&document("none", ""))));
        assert!(sources(&image_with_script("{")), "a document that is broken knows nothing");
    }

    #[test]
    fn captured_values_are_put_back_before_scripts_are_sourced() {
        let image = image_with_script(&document("captured", r#""HOST""#));
        let mut active = with(&[("GDAL", "new"), ("NEW", "mine")]);
        active[0].1 = "/opt/gdal:/opt/conda/bin:/usr/bin";
        insta::assert_snapshot!(activated(&image, &active), @r"
        GDAL=old
        GONE=x
        PATH=/opt/conda/bin:/usr/bin
        sources: /opt/conda/etc/conda/activate.d/gdal.sh
        ");
    }

    #[test]
    fn another_environment_takes_the_place_of_the_active_one() {
        let image = Image::new(&[
            ("/opt/conda/etc/conda/activate.d/gdal.sh", ""),
            ("/opt/conda/conda-meta/mambox/activation.json", &document("captured", "")),
            ("/opt/conda/conda-meta/state", r#"{"env_vars": {"A": "1", "MINE": "1"}}"#),
            ("/opt/conda/envs/py/conda-meta/state", r#"{"env_vars": {"B": "2"}}"#),
        ]);
        let mut active =
            with(&[("GDAL", "new"), ("NEW", "1"), ("A", "1"), ("MINE", "2"), ("ENV_NAME", "py")]);
        active[0].1 = "/opt/gdal:/opt/conda/bin:/usr/bin";
        insta::assert_snapshot!(activated(&image, &active), @r"
        -A
        -NEW
        B=2
        CONDA_DEFAULT_ENV=py
        CONDA_PREFIX=/opt/conda/envs/py
        CONDA_PROMPT_MODIFIER=(py) 
        GDAL=old
        GONE=x
        PATH=/opt/conda/envs/py/bin:/usr/bin
        ");
    }

    #[test]
    fn the_environment_of_an_apptainer_host_is_left_behind() {
        let image = Image::new(&[("/opt/conda/conda-meta/", "")]);
        let host = [
            PATH,
            ("CONDA_PREFIX", "/home/kai/miniconda3/envs/x"),
            ("CONDA_PREFIX_1", "/home/kai/miniconda3"),
            ("CONDA_SHLVL", "2"),
            ("MAMBA_ROOT_PREFIX", "/opt/conda"),
        ];
        insta::assert_snapshot!(activated(&image, &host), @r"
        -CONDA_PREFIX_1
        CONDA_DEFAULT_ENV=base
        CONDA_PREFIX=/opt/conda
        CONDA_PROMPT_MODIFIER=(base) 
        CONDA_SHLVL=1
        PATH=/opt/conda/bin:/usr/bin:/bin
        ");
    }

    #[test]
    fn an_environment_that_is_not_there_is_told() {
        let image = Image::new(&[("/opt/conda/conda-meta/", "")]);
        insta::assert_snapshot!(activated(&image, &[PATH, ("ENV_NAME", "none")]), @"says: there is no environment at /opt/conda/envs/none: it has no conda-meta folder. Nothing is activated; ENV_NAME and MAMBA_ROOT_PREFIX say where it lies, MAMBA_SKIP_ACTIVATE=1 that none is wanted");
        assert_eq!(activated(&image, &[PATH, ("ENV_NAME", "none"), ("MAMBA_SKIP_ACTIVATE", "1")]), "");
    }

    #[test]
    fn a_broken_file_is_told_and_the_others_count() {
        let image = Image::new(&[
            ("/opt/conda/conda-meta/state", "{"),
            ("/opt/conda/etc/conda/env_vars.d/a.json", "[]"),
            ("/opt/conda/etc/conda/env_vars.d/b.json", r#"{"B": "1"}"#),
        ]);
        insta::assert_snapshot!(activated(&image, &ACTIVE), @r"
        says: /opt/conda: etc/conda/env_vars.d/a.json is no JSON object: invalid type: sequence, expected a map at line 1 column 0
        says: /opt/conda: conda-meta/state is no JSON object: EOF while parsing an object at line 1 column 1
        B=1
        ");
    }
}
