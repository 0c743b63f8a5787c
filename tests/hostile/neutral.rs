//! What has to be true of every output, whatever was fed.

/// Columns of a page.
const WIDTH: usize = 100;

/// Whether a letter acts on a terminal, hides, or turns the order of those around it. Written by the
/// tables of Unicode (Cc, Zl, Zp, the bidirectional controls, Default_Ignorable_Code_Point and the
/// annotation marks), and not by what the program thinks of it.
pub fn is_active(letter: char) -> bool {
    matches!(
        u32::from(letter),
        0..=0x1f
            | 0x7f..=0x9f
            | 0xad
            | 0x34f
            | 0x61c
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x2028..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    )
}

/// Marks in a row that a text may have above or below one letter.
const STACK: usize = 3;

/// A text for people: lines of at most 100 columns, in which nothing acts.
#[track_caller]
pub fn page(what: &str, text: &str) {
    lines(what, text);
    for line in text.lines() {
        let columns: usize = line.chars().map(columns).sum();
        assert!(columns <= WIDTH, "{what}: {columns} columns: {line}");
    }
}

/// Lines in which nothing acts, however long.
#[track_caller]
pub fn lines(what: &str, text: &str) {
    for line in text.split('\n') {
        if let Some(letter) = line.chars().find(|letter| is_active(*letter)) {
            panic!("{what}: {letter:?} in {line:?}");
        }
        let mut stack = 0;
        for letter in line.chars() {
            stack = match letter {
                '\u{300}'..='\u{36f}' => stack + 1,
                _ => 0,
            };
            assert!(stack <= STACK, "{what}: a stack of marks in {line:?}");
        }
    }
}

/// Columns that a letter may take.
fn columns(letter: char) -> usize {
    match u32::from(letter) {
        0x300..=0x36f => 0,
        // Dashes, quotes and the ellipsis.
        0..0x1100 | 0x2010..=0x2027 => 1,
        _ => 2,
    }
}
