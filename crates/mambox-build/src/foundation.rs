//! The layer between base and packages: the account, its home, certificates, and what a bare base lacks.
//!
//! It depends on the base and the prefix only, so that all environments on one base share it.

use mambox_oci::{Compression, Layer};

use crate::base::BaseFacts;
use crate::tree::{Content, FIXED_TIME, FileTree};
use crate::{BuildError, account, certificates, marks};

/// Makes the layer. `default_user` says whether the image runs as our account, which must then exist.
pub(crate) fn layer(
    facts: &BaseFacts,
    default_user: bool,
    compression: Compression,
) -> Result<Layer, BuildError> {
    let tree = tree(facts, default_user)?;
    let tree = tree.settled(&facts.places).map_err(|path| BuildError::Occupied { path })?;
    let history = marks::history(marks::FOUNDATION, None, None);
    Layer::from_tar(&tree.to_bytes(FIXED_TIME), compression, history)
        .map_err(|e| BuildError::io("cannot compress", "the foundation layer", e))
}

fn tree(facts: &BaseFacts, default_user: bool) -> Result<FileTree, BuildError> {
    let mut tree = FileTree::default();
    let accounts = account::passwd(facts.passwd.as_deref(), facts.shell.as_deref())
        .and_then(|passwd| Ok((passwd, account::group(facts.group.as_deref())?)));
    match accounts {
        Ok((passwd, group)) => {
            tree.file("etc/passwd", 0o644, Content::Bytes(passwd.into_bytes()));
            tree.file("etc/group", 0o644, Content::Bytes(group.into_bytes()));
            tree.owned_folder(account::HOME, 0o775, (account::ID.into(), 0));
        }
        // Somebody else's account is in the way, but the image runs as another user anyway.
        Err(BuildError::Account { .. }) if !default_user => {}
        Err(e) => return Err(e),
    }
    if !facts.has_certificates {
        tree.file(certificates::BUNDLE, 0o644, Content::Bytes(certificates::bundle().into_bytes()));
    }
    if !facts.has_tmp {
        tree.folder("tmp", 0o1777);
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mambox_testkit::listing;

    #[test]
    fn a_bare_base_gets_all_that_programs_expect() {
        let tar = tree(&BaseFacts::default(), true).unwrap().to_bytes(FIXED_TIME);
        insta::assert_snapshot!(listing(&tar), @r"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 29 etc/group
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 88 etc/passwd
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/ssl/
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/ssl/certs/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 178673 etc/ssl/certs/ca-certificates.crt
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 home/
        drwxrwxr-x 57439:0 1980-01-01T00:00:00Z 0 home/mambauser/
        drwxrwxrwt 0:0 1980-01-01T00:00:00Z 0 tmp/
        ");
    }

    #[test]
    fn a_full_base_gets_the_account_only() {
        let facts = BaseFacts {
            passwd: Some("root:x:0:0::/root:/bin/bash\n".into()),
            group: Some("root:x:0:\n".into()),
            has_certificates: true,
            has_tmp: true,
            ..BaseFacts::default()
        };
        insta::assert_snapshot!(listing(&tree(&facts, true).unwrap().to_bytes(FIXED_TIME)), @r"
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 etc/
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 29 etc/group
        -rw-r--r-- 0:0 1980-01-01T00:00:00Z 86 etc/passwd
        drwxr-xr-x 0:0 1980-01-01T00:00:00Z 0 home/
        drwxrwxr-x 57439:0 1980-01-01T00:00:00Z 0 home/mambauser/
        ");
    }

    #[test]
    fn a_foreign_account_is_in_the_way_only_of_the_default_user() {
        let facts = BaseFacts { passwd: Some("other:x:57439:1::/:/bin/sh\n".into()), ..BaseFacts::default() };
        assert!(tree(&facts, true).is_err());
        assert!(!listing(&tree(&facts, false).unwrap().to_bytes(FIXED_TIME)).contains("passwd"));
    }
}
