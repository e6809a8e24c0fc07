//! The events themselves.

use serde::Serialize;

/// Names one running task; unique within a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TaskId(pub u64);

/// The part of a build that a task belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Reading a base image.
    Base,
    /// Reading a channel's repodata.
    Repodata,
    /// Solving an environment.
    Solve,
    /// Downloading or verifying a package.
    Fetch,
    /// Making a layer out of packages.
    Layer,
    /// Running programs of the image: scripts of packages, python.
    Run,
    /// Writing an archive, a layout or a root file system.
    Write,
    /// Pushing to a registry.
    Push,
    /// Loading into a container engine.
    Load,
    /// Rebuilding and comparing an image.
    Verify,
}

/// What a task's `total` and `by` count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Things: packages, layers, blobs.
    Items,
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The work was done.
    Done,
    /// A cache, or the other side, had the result already.
    Reused,
    /// The work failed; the error itself travels as a `Result`.
    Failed,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// A task began.
    Begin {
        /// The task.
        task: TaskId,
        /// The part of the build it belongs to.
        stage: Stage,
        /// What is worked on, for a person: a package's file name, a layer, a reference.
        name: String,
        /// How much there is to do, where that is known.
        total: Option<u64>,
        /// What `total` counts.
        unit: Unit,
    },
    /// A task went on.
    Advance {
        /// The task.
        task: TaskId,
        /// How much was done since the last event.
        by: u64,
    },
    /// A task ended.
    End {
        /// The task.
        task: TaskId,
        /// How.
        outcome: Outcome,
    },
    /// Something the person should know, although the work goes on.
    Warning {
        /// One or more lines, without a trailing newline.
        text: String,
    },
    /// A plain remark.
    Note {
        /// One line, without a trailing newline.
        text: String,
    },
}
