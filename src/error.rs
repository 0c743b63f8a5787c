//! What ends a survey: trouble of this machine or of its operator, never of the servers surveyed.
//!
//! Every message is one sentence that says what to do.

use std::path::{Path, PathBuf};

/// Why the program stops.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line asks for something that cannot be done.
    #[error("{0}")]
    Usage(String),
    /// A list cannot be read to its end.
    #[error("{path}: {problem}")]
    Input {
        /// The list.
        path: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The resolver cannot be used for a survey.
    #[error("resolver {resolver}: {problem}")]
    Resolver {
        /// Address and port.
        resolver: String,
        /// What is wrong and what to do.
        problem: String,
    },
    /// The survey directory does not allow what was asked for.
    #[error("{path}: {problem}")]
    Directory {
        /// The directory, or the file in it.
        path: PathBuf,
        /// What is wrong and what to do.
        problem: String,
    },
    /// Reading or writing failed.
    #[error(
        "{path}: cannot {action}: {source}; {}, then run the same command again",
        remedy(source)
    )]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// This machine is too small for the settings.
    #[error("{0}")]
    Machine(String),
    /// A signal asked the survey to stop; everything committed stays.
    #[error("interrupted; run the same command again to resume")]
    Interrupted,
    /// A fault in this program.
    #[error("internal error: {0}; please report it")]
    Internal(String),
}

/// What to do about a failed file operation.
fn remedy(source: &std::io::Error) -> &'static str {
    use std::io::ErrorKind;
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free space",
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => "mend permissions",
        ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::AlreadyExists => "check the path",
        _ => "mend the disk or its file system",
    }
}

/// Result with the error that ends a survey.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Makes the closure that `map_err` wants for a failed file operation.
    pub fn io<'a>(
        action: &'static str,
        path: &'a Path,
    ) -> impl FnOnce(std::io::Error) -> Self + 'a {
        move |source| Self::Io {
            path: path.to_owned(),
            action,
            source,
        }
    }

    /// A complaint about the survey directory or a file in it.
    pub fn directory(path: &Path, problem: impl Into<String>) -> Self {
        Self::Directory {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }

    /// Exit code: 3 interrupted and resumable, else 2.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Interrupted => 3,
            _ => 2,
        }
    }
}
