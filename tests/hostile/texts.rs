//! Texts that want to be more than text: for terminals, browsers, spreadsheets, parsers and readers.

use std::fmt::Write;

/// In every text, so that it is found wherever it arrives.
pub const MARK: &str = "zl0";

/// Bytes of the longest text.
const LONG: usize = 64 * 1024;

/// What the texts begin with; [`texts`] makes them whole.
const BEGINNINGS: &[&str] = &[
    // Browsers and notebooks.
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)' x='",
    "</script><script>alert(1)</script>",
    "--><svg onload=alert(1)>",
    "]]><b>bold</b>",
    "</title></style></textarea><h1>big</h1>",
    "javascript:alert(1)",
    "&lt;script&gt;alert(1)&lt;/script&gt;&#x3c;b&#x3e;",
    "{{7*7}}{% include '/etc/passwd' %}${7*7}<%= 7*7 %>#{7*7}",
    "`${alert(1)}`\\u003cscript\\u003ealert(1)",
    "$\\href{javascript:alert(1)}{x}$",
    // Terminals.
    "\u{1b}[2J\u{1b}[H\u{1b}[31m",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]8;;http://example.invalid/\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{1b}P+q544e\u{1b}\\\u{1b}_x\u{1b}\\",
    "\u{9b}2J\u{9d}0;title\u{9c}\u{85}\u{90}",
    "\0nul\u{8}\u{8}\u{8}\u{7f}\u{c}\u{b}",
    "one\r\ntwo\nthree\rfour",
    "\r\n250 injected\r\n",
    // Spreadsheets.
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"http://example.invalid/?\"&A1,\"click\")",
    "+1+1",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "\u{feff}=1+1",
    "\"=1+1",
    "'=1+1",
    "x;=1+1;\"=2+2\"; @SUM(1)",
    "\u{ff1d}1+1",
    "a,b;c|d\te",
    // Readers.
    "\u{202e}gpj.exe\u{202c}",
    "\u{2066}a\u{2067}b\u{2068}c\u{2069}d\u{200f}\u{200e}\u{61c}",
    "z\u{200b}e\u{200c}r\u{200d}o\u{2060}w\u{ad}i\u{feff}dth",
    "\u{2028}line\u{2029}paragraph",
    "\u{180e}\u{3164}\u{115f}\u{fff9}\u{fffb}\u{e0041}\u{e007f}\u{fe0f}\u{34f}",
    "\u{5e9}\u{5dc}\u{5d5}\u{5dd} 123 \u{645}\u{631}\u{62d}\u{628}\u{627}",
    "\u{6f22}\u{5b57}\u{6f22}\u{5b57}\u{1f600}",
    // Parsers.
    "# head\n* **bold** [x](javascript:alert(1)) ![x](x)",
    "a | b | c\n---|---|---\n`x`",
    "'; DROP TABLE domains; --",
    "\"}],\"x\":[{\"",
    "\\\"\\u0000\\",
    "%s%n%x{}{0}{:?}",
    "../../etc/passwd",
];

/// Every text; no two are alike.
pub fn texts() -> Vec<String> {
    let whole = BEGINNINGS.iter().map(|text| format!("{text}{MARK}"));
    let mut all: Vec<String> = whole.collect();
    // As many marks above a letter as make it reach over the lines above.
    let marks: String = ('\u{300}'..='\u{36f}').collect();
    let mut stack = String::from(MARK);
    for letter in "stack".chars() {
        let _ = write!(stack, "{letter}{marks}");
    }
    all.push(stack);
    let line = "<script>alert(1)</script>\u{1b}[2J=1+1\u{202e}";
    for part in [line, "\u{6f22}"] {
        all.push(format!("{MARK}{}", part.repeat(LONG / part.len())));
    }
    all
}
