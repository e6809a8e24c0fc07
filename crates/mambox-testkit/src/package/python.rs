//! What packages of Python code hold besides plain files.

use super::PackageBuilder;

impl PackageBuilder {
    /// A module of a noarch Python package: `site-packages/PATH`.
    pub fn site_package(self, path: &str, content: &str) -> Self {
        self.file(&format!("site-packages/{path}"), content)
    }

    /// A console entry point (`info/link.json`): `command` calls `function` of `module`.
    pub fn entry_point(mut self, command: &str, module: &str, function: &str) -> Self {
        self.entry_points.push(format!("{command} = {module}:{function}"));
        self
    }

    /// `site-packages/NAME-VERSION.dist-info` with METADATA, RECORD, INSTALLER, and entry_points.txt where
    /// entry points were added before.
    pub fn dist_info(self) -> Self {
        let folder = format!("{}-{}.dist-info", self.name.replace('-', "_"), self.version);
        let metadata = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", self.name, self.version);
        let commands = self.entry_points.join("\n");
        let package = self
            .site_package(&format!("{folder}/INSTALLER"), "conda")
            .site_package(&format!("{folder}/METADATA"), &metadata)
            .site_package(&format!("{folder}/RECORD"), &format!("{folder}/METADATA,,\n{folder}/RECORD,,\n"));
        if commands.is_empty() {
            return package;
        }
        package
            .site_package(&format!("{folder}/entry_points.txt"), &format!("[console_scripts]\n{commands}\n"))
    }

    /// A stand-in for the interpreter package `python VERSION`: `bin/pythonX.Y` with its usual links,
    /// one library module and an empty site-packages. `executable` is the interpreter's content.
    pub fn python_interpreter(version: &str, executable: impl AsRef<[u8]>) -> Self {
        let mut parts = version.split('.');
        let (Some(major), Some(minor)) = (parts.next(), parts.next()) else {
            panic!("{version}: a python version has at least two parts")
        };
        let short = format!("{major}.{minor}");
        Self::new("python", version)
            .build_string(&format!("h0_0_cp{major}{minor}"))
            .python_site_packages_path(&format!("lib/python{short}/site-packages"))
            .executable(&format!("bin/python{short}"), executable)
            .symlink("bin/python3", &format!("python{short}"))
            .symlink("bin/python", &format!("python{short}"))
            .file(&format!("lib/python{short}/os.py"), "name = 'posix'\n")
            .file(&format!("lib/python{short}/site-packages/README.txt"), "Packages go here.\n")
    }
}
