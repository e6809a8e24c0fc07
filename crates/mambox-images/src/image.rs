//! Base, layers and settings become an image of the family.

use mambox_build::rfc3339;
use mambox_oci::{ConfigChange, Image, ImageError, Layer};

use crate::family::{Base, Family};

/// Puts layers on a base, and says in the configuration what Dockerfiles `FROM` it expect.
///
/// Docker's media types, since podman keeps `Shell` under no other. The image is as old as its base: what else it is made
/// of has no time, and a new time alone would be a new digest.
pub(crate) fn assemble(
    family: &Family,
    base: &Base,
    below: &Image,
    layers: &[Layer],
) -> Result<Image, ImageError> {
    let change = configuration(family, base, below);
    Ok(below.with_layers(layers)?.with_config(&change).with_docker_types())
}

fn configuration(family: &Family, base: &Base, below: &Image) -> ConfigChange {
    let program = |name: &str| Some(vec![format!("/usr/local/bin/{name}")]);
    let labels = [
        ("org.opencontainers.image.base.name", base.registry_name()),
        ("org.opencontainers.image.base.digest", Some(below.digest().to_string())),
        ("org.opencontainers.image.version", Some(family.micromamba.version.clone())),
    ];
    let labels = labels.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    ConfigChange {
        env: variables(family, below),
        entrypoint: program("_entrypoint.sh"),
        cmd: Some(vec!["/bin/bash".into()]),
        shell: program("_dockerfile_shell.sh"),
        user: Some(family.user.name.clone()),
        workdir: Some("/tmp".into()),
        labels: labels.collect(),
        created: Some(below.config().created().unwrap_or_else(|| rfc3339(0))),
        ..ConfigChange::default()
    }
}

fn variables(family: &Family, below: &Image) -> Vec<(String, String)> {
    let user = &family.user;
    let mut variables = vec![
        ("MAMBA_USER", user.name.clone()),
        ("MAMBA_USER_ID", user.uid.to_string()),
        ("MAMBA_USER_GID", user.gid.to_string()),
        ("LANG", "C.UTF-8".into()),
        ("LC_ALL", "C.UTF-8".into()),
        ("ENV_NAME", "base".into()),
        ("MAMBA_ROOT_PREFIX", family.root_prefix.clone()),
        ("MAMBA_EXE", "/bin/micromamba".into()),
    ];
    // Left unset elsewhere: an empty one means "no CUDA" to some tools and is an error to others.
    if let Some(cuda) = below.config().env_var("CUDA_VERSION").filter(|version| !version.is_empty()) {
        variables.push(("CONDA_OVERRIDE_CUDA", cuda));
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::family;
    use mambox_oci::Platform;

    #[test]
    fn the_configuration_is_what_dockerfiles_expect() {
        let family = family();
        let scratch = Image::scratch(&Platform::linux("amd64"));
        let cuda = scratch.with_config(&ConfigChange {
            env: vec![("PATH".into(), "/bin".into()), ("CUDA_VERSION".into(), "12.9.1".into())],
            entrypoint: Some(vec!["/opt/nvidia/entrypoint.sh".into()]),
            ..ConfigChange::default()
        });
        let image = assemble(&family, &family.bases[0], &cuda, &[]).unwrap();
        assert!(image.media_type().as_str().contains("docker"), "{}", image.media_type());
        let text = String::from_utf8(image.config_bytes().to_vec()).unwrap();
        insta::assert_snapshot!(text.replace(",\"", ",\n\""), @r#"
        {"architecture":"amd64",
        "config":{"Cmd":["/bin/bash"],
        "Entrypoint":["/usr/local/bin/_entrypoint.sh"],
        "Env":["PATH=/bin",
        "CUDA_VERSION=12.9.1",
        "MAMBA_USER=mambauser",
        "MAMBA_USER_ID=57439",
        "MAMBA_USER_GID=57439",
        "LANG=C.UTF-8",
        "LC_ALL=C.UTF-8",
        "ENV_NAME=base",
        "MAMBA_ROOT_PREFIX=/opt/conda",
        "MAMBA_EXE=/bin/micromamba",
        "CONDA_OVERRIDE_CUDA=12.9.1"],
        "Labels":{"org.opencontainers.image.base.digest":"sha256:b06a6a4ab0d7faec602b42d92b1b887170312f296a1abeadecda838a63506955",
        "org.opencontainers.image.base.name":"docker.io/library/debian:13-slim",
        "org.opencontainers.image.version":"2.8.1"},
        "Shell":["/usr/local/bin/_dockerfile_shell.sh"],
        "User":"mambauser",
        "WorkingDir":"/tmp"},
        "created":"1970-01-01T00:00:00Z",
        "history":[],
        "os":"linux",
        "rootfs":{"diff_ids":[],
        "type":"layers"}}
        "#);
        let local =
            crate::family::Base { image: "rootfs:/home/me/base.tar".into(), ..family.bases[0].clone() };
        let local = assemble(&family, &local, &scratch, &[]).unwrap();
        assert!(!String::from_utf8_lossy(local.config_bytes()).contains("/home/me"));
        let plain = assemble(&family, &family.bases[0], &scratch, &[]).unwrap();
        assert_eq!(plain.config().env_var("CONDA_OVERRIDE_CUDA"), None);
    }
}
