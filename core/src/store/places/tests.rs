//! What a list says after it was damaged, torn or made short.

use super::*;

fn place(directory: &str) -> Place {
    Place::of("container", &format!("{directory}/a.bin"))
}

fn open(folder: &Path) -> PlaceList {
    PlaceList::open(folder, "7f3a7f3a", 0, || None)
}

#[test]
fn what_was_listed_is_read_back_and_written_once() {
    // rules D5, D6
    let folder = tempfile::tempdir().unwrap();
    let list = open(folder.path());
    for _ in 0..3 {
        list.note(&place("films")).unwrap();
        list.note_session(1, "main").unwrap();
    }
    list.note(&Place::of("container", "a.bin")).unwrap();
    drop(list);
    let listed = read(folder.path()).unwrap();
    assert_eq!(listed.lines, 4);
    assert_eq!(listed.token.as_deref(), Some("7f3a7f3a"));
    assert_eq!(listed.ids, ID_BLOCK);
    assert!(listed.places.contains(&place("films")));
    assert_eq!(open(folder.path()).places().len(), 2);
}

#[test]
fn a_damaged_line_costs_that_line() {
    // rules D6, T7
    let folder = tempfile::tempdir().unwrap();
    let list = open(folder.path());
    for number in 0..9 {
        list.note(&place(&format!("d{number}"))).unwrap();
    }
    let file = folder.path().join(FILE_NAME);
    let whole = fs::read(&file).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 4;
        fs::write(&file, &bytes).unwrap();
        let listed = read(folder.path()).unwrap();
        assert!(listed.places.len() >= 7, "{at}: {listed:?}");
        assert_eq!(listed.token.as_deref(), Some("7f3a7f3a"), "{at}");
        fs::write(&file, &whole[..at]).unwrap();
        drop(read(folder.path()).unwrap());
    }
}

#[test]
fn a_line_after_a_torn_one_is_whole() {
    // rule D6
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).note(&place("a")).unwrap();
    let file = folder.path().join(FILE_NAME);
    let whole = fs::read(&file).unwrap();
    fs::write(&file, &whole[..whole.len() - 5]).unwrap();
    let list = open(folder.path());
    assert!(list.places().is_empty());
    list.note(&place("b")).unwrap();
    list.note(&place("c")).unwrap();
    drop(list);
    assert_eq!(open(folder.path()).places(), [place("b"), place("c")]);
}

#[test]
fn ids_are_set_aside_long_before_they_are_used() {
    // rule D6
    let folder = tempfile::tempdir().unwrap();
    let ids = |highest| {
        PlaceList::open(folder.path(), "7f3a7f3a", highest, || None);
        read(folder.path()).unwrap().ids
    };
    assert_eq!(ids(0), ID_BLOCK);
    assert_eq!(ids(ID_BLOCK / 2), ID_BLOCK);
    assert_eq!(ids(ID_BLOCK / 2 + 1), 2 * ID_BLOCK);
    assert_eq!(ids(3), 2 * ID_BLOCK, "never back");
}

#[test]
fn a_long_list_is_made_short_and_a_stranger_s_is_made_anew() {
    // rule D6
    let folder = tempfile::tempdir().unwrap();
    let list = open(folder.path());
    list.note_session(1, "main").unwrap();
    let bytes: Vec<u8> = (0..COMPACT_LINES + 1)
        .flat_map(|number| {
            let place = Some(place(&format!("d{number}")));
            encode(&Line {
                place,
                ..list.line()
            })
            .unwrap()
        })
        .collect();
    let file = folder.path().join(FILE_NAME);
    let mut all = fs::read(&file).unwrap();
    all.extend(bytes);
    fs::write(&file, &all).unwrap();
    drop(list);
    let keep = || Some([place("d7")].into_iter().collect());
    drop(PlaceList::open(folder.path(), "7f3a7f3a", 0, keep));
    let listed = read(folder.path()).unwrap();
    assert_eq!((listed.lines, listed.places.len()), (3, 1));
    assert_eq!((listed.sessions.len(), listed.ids), (1, ID_BLOCK));

    let other = PlaceList::open(folder.path(), "99aa99aa", 0, || None);
    assert!(other.places().is_empty());
    let listed = read(folder.path()).unwrap();
    assert_eq!(listed.token.as_deref(), Some("99aa99aa"));
}
