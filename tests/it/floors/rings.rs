//! Within a folder, no circle: no file or folder of it uses a sibling that uses it in turn, be it by way of others.
//! `mod.rs` is the door of its folder and no sibling; what it re-exports is the sibling's that it comes from.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::imports::{imported, named};
use super::{code, files, module, root};

type Module = Vec<String>;

/// Modules by name, each with what it imports.
type Tree = BTreeMap<Module, BTreeMap<String, Module>>;

/// Who uses whom, of the things of one folder.
type Siblings = BTreeMap<String, BTreeSet<String>>;

/// The modules that a path leads through: the one that it names, and those that re-exports lead on to.
fn leads_to(path: &[String], tree: &Tree) -> Vec<Module> {
    let (mut path, mut found) = (path.to_vec(), Vec::new());
    loop {
        let length = (0..=path.len()).rev().find(|length| tree.contains_key(&path[..*length])).unwrap_or(0);
        let module = path[..length].to_vec();
        let next = path.get(length).and_then(|name| tree.get(&module)?.get(name));
        let next = next.map(|target| [target, &path[length + 1..]].concat());
        if found.contains(&module) {
            return found;
        }
        found.push(module);
        let Some(next) = next else { return found };
        path = next;
    }
}

/// The folders of a program, each with who uses whom in it. The files are told as the module and the code of each.
fn folders(files: &[(Module, String)]) -> BTreeMap<Module, Siblings> {
    let tree: Tree = files.iter().map(|(module, code)| (module.clone(), imported(code, module))).collect();
    let mut folders: BTreeMap<Module, Siblings> = BTreeMap::new();
    for (user, code) in files {
        for used in named(code, user).iter().flat_map(|path| leads_to(path, &tree)) {
            let common = user.iter().zip(&used).take_while(|(a, b)| a == b).count();
            if let (Some(user), Some(used), folder) = (user.get(common), used.get(common), &used[..common]) {
                let siblings = folders.entry(folder.to_vec()).or_default();
                siblings.entry(user.clone()).or_default().insert(used.clone());
            }
        }
    }
    folders
}

/// The shortest way from a sibling back to itself.
fn ring(start: &str, siblings: &Siblings) -> Option<Vec<String>> {
    let mut seen = BTreeSet::new();
    let mut ways = VecDeque::from([vec![start.to_owned()]]);
    while let Some(way) = ways.pop_front() {
        for next in way.last().and_then(|last| siblings.get(last)).into_iter().flatten() {
            if next == start {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push_back([way.as_slice(), std::slice::from_ref(next)].concat());
            }
        }
    }
    None
}

/// The rings of a folder, each once.
fn rings(siblings: &Siblings) -> BTreeSet<Vec<String>> {
    let rings = siblings.keys().filter_map(|start| ring(start, siblings));
    let rotated = rings.map(|mut ring| {
        let first = (0..ring.len()).min_by_key(|at| &ring[*at]).unwrap_or(0);
        ring.rotate_left(first);
        ring.push(ring[0].clone());
        ring
    });
    rotated.collect()
}

#[test]
fn finds_a_ring() {
    let file = |module: &str, code: &str| (module.split("::").map(str::to_owned).collect(), code.to_owned());
    let found = folders(&[
        file("a", "pub use b::X;\nuse c::Y;"),
        file("a::b", "use super::c::Y;"),
        file("a::c", "fn f() { super::d::g() }"),
        file("a::d", "use crate::a::X;"),
        file("a::e", "use super::X;"),
        file("h", "use crate::a::X;"),
    ]);
    let rings: Vec<String> = found.values().flat_map(rings).map(|ring| ring.join(" → ")).collect();
    assert_eq!(rings, ["b → c → d → b"]);
}

#[test]
fn no_ring_among_siblings() {
    let files = files(&root().join("src"));
    let modules: Vec<_> = files.iter().map(|path| (module(path), code(path))).collect();
    let folders = folders(&modules);
    assert!(
        folders.len() > 50,
        "only {} folders with imports were found: the search is broken",
        folders.len()
    );
    let mut faults = Vec::new();
    for (folder, siblings) in &folders {
        let name = format!("src/{}", folder.join("/"));
        let rings = rings(siblings);
        faults.extend(rings.iter().map(|ring| format!("{name}: {}", ring.join(" → "))));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
