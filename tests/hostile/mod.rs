//! Texts of strangers that want to act: in every column of text, and through every way out.
//!
//! [`texts`] has them. [`survey`] writes surveys that are full of them, by the schema, so that a column
//! that is new is full of them, too; [`shown`] looks at what the program makes of such surveys on the
//! screen, in files and, [`page`], in HTML, with the eyes of [`neutral`], and [`refused`] at what it says of files that it cannot
//! use. [`columns`] has every column of text, and what it may hold; [`wire`] surveys [`world`], a small
//! Internet that says nothing else, and sees to it that it does.

mod columns;
mod neutral;
mod page;
mod refused;
mod rows;
mod shown;
mod survey;
mod texts;
mod wire;
mod world;
