//! Paths through links, as if the tree were the whole file system (chroot).

use super::node::{Kind, Tree};

/// Links followed in one path before it counts as a loop; the kernel's limit.
const MAX_LINKS: usize = 40;

impl Tree {
    /// Resolves all links of a path, also the last. The result need not exist. `..` stays at the root, and
    /// absolute links begin at it. `None` for a loop.
    pub(crate) fn resolve(&self, path: &[u8]) -> Option<Vec<u8>> {
        let parts =
            |path: &[u8]| -> Vec<Vec<u8>> { path.split(|b| *b == b'/').rev().map(<[u8]>::to_vec).collect() };
        let mut left = parts(path);
        let mut done: Vec<Vec<u8>> = Vec::new();
        let mut links = 0;
        while let Some(part) = left.pop() {
            match part.as_slice() {
                b"" | b"." => continue,
                b".." => {
                    done.pop();
                    continue;
                }
                _ => done.push(part),
            }
            let here = done.join(&b'/');
            if let Some(Kind::Symlink(target)) = self.get(&here).map(|node| &node.kind) {
                links += 1;
                if links > MAX_LINKS {
                    return None;
                }
                done.pop();
                if target.first() == Some(&b'/') {
                    done.clear();
                }
                left.extend(parts(target));
            }
        }
        Some(done.join(&b'/'))
    }
}
