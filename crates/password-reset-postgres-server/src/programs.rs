//! Finding the server programs, and the user who may run them.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::NoServer;

/// Server programs of one version, and as whom they run.
#[derive(Clone, Debug)]
pub(crate) struct Programs {
    folder: PathBuf,
    user: Option<User>,
}

/// A user of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct User {
    pub(crate) id: u32,
    pub(crate) group: u32,
}

impl Programs {
    /// Finds those that the environment names, else the newest version. `owner` is the id of the user who runs this: the
    /// server refuses root, so root must find another user.
    pub(crate) fn find(owner: u32) -> Result<Self, NoServer> {
        let folder = match given() {
            // A caller who names a version wants no other one.
            Some(folder) if has_programs(&folder) => folder,
            Some(folder) => {
                let folder = folder.display();
                return Err(NoServer::new(format!("{} is {folder}, where no Postgres server is", crate::PROGRAMS)));
            }
            None => folders().into_iter().find(|folder| has_programs(folder)).ok_or_else(|| {
                NoServer::new(format!(
                    "Postgres not found: install it (`apt-get install postgresql`), or set {}=/… to the \
                 folder of its programs, or {}=postgres://… to a server",
                    crate::PROGRAMS,
                    crate::URL
                ))
            })?,
        };
        if owner != 0 {
            return Ok(Self { folder, user: None });
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let user = ["postgres", "nobody"].iter().find_map(|name| user(&users, name));
        let user = user.ok_or_else(|| {
            NoServer::new("Postgres does not run as root, and there is neither a user `postgres` nor `nobody`")
        })?;
        Ok(Self { folder, user: Some(user) })
    }

    /// As whom the programs run, if not as the user of this process.
    pub(crate) fn user(&self) -> Option<User> {
        self.user
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A program to be run as the right user, in a directory that every user may enter.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        // What the environment says of some other server is not for this one.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
            command.env_remove(name);
        }
        if let Some(user) = self.user {
            command.gid(user.group).uid(user.id);
        }
        command
    }
}

/// The folder that the environment names.
fn given() -> Option<PathBuf> {
    std::env::var_os(crate::PROGRAMS).filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

fn has_programs(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file())
}

/// Where server programs may be, newest version first: Debian keeps each major version apart and out of the path.
fn folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/usr/pgsql"]
        .iter()
        .filter_map(|parent| std::fs::read_dir(parent).ok())
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path: Vec<PathBuf> = std::env::split_paths(&path).filter(|folder| folder != Path::new("")).collect();
    versions.into_iter().rev().map(|(_, folder)| folder).chain(in_path).collect()
}

/// A user by name, from the lines of `/etc/passwd`.
fn user(users: &str, name: &str) -> Option<User> {
    let mut fields =
        users.lines().map(|line| line.split(':')).find(|fields| fields.clone().next() == Some(name))?.skip(2);
    Some(User { id: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::{User, user};

    #[test]
    fn a_user_is_found_by_its_whole_name() {
        let users = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65533:nobody:/:/bin/false\nodd\n";
        assert_eq!(user(users, "nobody"), Some(User { id: 65534, group: 65533 }));
        assert_eq!(user(users, "body"), None);
        assert_eq!(user(users, "odd"), None);
    }
}
