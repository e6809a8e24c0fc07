//! SIGKILL at random moments of install and remove, 200 times: the next run succeeds, and the prefix equals one of a clean
//! install (issue "micromamba, static, in Rust", done when 4).

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant, SystemTime};

use mambox_testkit::{LocalChannel, PackageBuilder, TestEnv};

use crate::trees::{Tree, differences, tree};

/// Rounds of each thread; a round kills an install and a remove.
const ROUNDS: usize = 50;
const THREADS: u64 = 2;

/// A chain of packages with many files, so that there is something to be in the middle of.
fn channel() -> LocalChannel {
    let package = |number: usize| {
        let mut package = PackageBuilder::new(&format!("p{number}"), "1.0");
        if number > 0 {
            package = package.depends(&format!("p{}", number - 1));
        }
        for file in 0..12 {
            package = package.file(&format!("share/p{number}/folder{}/file{file}", file % 3), "content\n");
        }
        package
            .text_with_prefix(&format!("bin/p{number}"), "#!{prefix}/bin/sh\n")
            .symlink(&format!("lib/p{number}"), "nowhere")
            .build()
    };
    LocalChannel::with(&(0..8).map(package).collect::<Vec<_>>())
}

struct Place {
    env: TestEnv,
    root: PathBuf,
    install: Vec<String>,
    remove: Vec<String>,
    random: u64,
}

impl Place {
    fn new(channel: &Path, seed: u64) -> Self {
        let env = TestEnv::new(env!("CARGO_BIN_EXE_micromamba"));
        let root = env.root().join("opt");
        let env = env.var("MAMBA_ROOT_PREFIX", &root).var("CONDA_PKGS_DIRS", env_cache(&root));
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        let install = words(&format!("install -y --no-rc -n base -c {} p7", channel.display()));
        Self { env, root, install, remove: words("remove -y --no-rc -n base p3"), random: seed | 1 }
    }

    /// Between zero and `most`.
    fn moment(&mut self, most: Duration) -> Duration {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        most.mul_f64((self.random % 1000) as f64 / 1000.0)
    }

    #[track_caller]
    fn succeed(&self, words: &[String]) -> Duration {
        let start = Instant::now();
        let run = self.env.run(words);
        assert!(run.success(), "{words:?}\n{run}");
        start.elapsed()
    }

    fn kill(&mut self, words: &[String], usual: Duration) {
        let moment = self.moment(usual);
        let mut command = self.env.command(words);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment);
        // It may have ended already, which is a moment like any other.
        let _ = child.kill();
        child.wait().unwrap();
    }

    fn compare(&self, clean: &Tree, what: &str, round: usize) {
        let differences = differences(&tree(&self.root), clean);
        assert!(differences.is_empty(), "after a killed {what}, round {round}:\n{}", differences.join("\n"));
    }

    fn rounds(&mut self) {
        let (install, remove) = (self.install.clone(), self.remove.clone());
        // The first fills the cache and is not measured.
        self.succeed(&install);
        let clean = tree(&self.root);
        let removing = self.succeed(&remove);
        std::fs::remove_dir_all(&self.root).unwrap();
        let installing = self.succeed(&install);
        for round in 0..ROUNDS {
            std::fs::remove_dir_all(&self.root).unwrap();
            self.kill(&install, installing);
            self.succeed(&install);
            self.compare(&clean, "install", round);
            self.kill(&remove, removing);
            self.succeed(&install);
            self.compare(&clean, "remove", round);
        }
    }
}

fn env_cache(root: &Path) -> PathBuf {
    root.with_file_name("pkgs")
}

#[test]
fn whatever_is_killed_can_be_run_again() {
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    eprintln!("seed {seed}");
    let channel = channel();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let mut place = Place::new(channel.path(), u64::from(seed) * (thread + 1));
            scope.spawn(move || place.rounds());
        }
    });
}
