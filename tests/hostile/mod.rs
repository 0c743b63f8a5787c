//! Texts of strangers that want to act: in every column of text, and through every way out.
//!
//! [`texts`] has them. [`survey`] writes surveys that are full of them, by the schema, so that a column
//! that is new is full of them, too. With the eyes of [`neutral`], [`shown`] looks at what the program
//! makes of such surveys on the screen and in files, [`page`] and [`notebook`] at HTML, and [`refused`]
//! at what is said of files that cannot be used. [`columns`] has every column of text, and what it may
//! hold; [`wire`] surveys [`world`], a small Internet that says nothing else, and sees to it that it does.

mod columns;
mod neutral;
mod notebook;
mod page;
mod refused;
mod rows;
mod shown;
mod survey;
mod texts;
mod wire;
mod world;
