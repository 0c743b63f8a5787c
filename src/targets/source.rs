//! The bytes of a list: opened, counted and hashed as they are, unpacked for whoever reads lines.
//!
//! Hands out `Source`. What is wrong with an archive is said in one sentence with what to do.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;

use aws_lc_rs::digest;
use flate2::bufread::GzDecoder;

use crate::error::{Error, Result};
use crate::text::hex;

/// Size of the buffers between file, unpacking and lines.
const BUFFER: usize = 64 * 1024;
/// Bytes that tell the packings apart.
const MAGIC: usize = 4;

/// What zstd says of a frame whose window is larger than its decoder allows by default (2^27).
const WINDOW_TOO_LARGE: &str = "requires too much memory";

/// How a list is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    Plain,
    Gzip,
    Zstd,
}

/// A list that is being read; its hash is that of the file, packed as it is.
pub(crate) struct Source {
    name: String,
    raw: BufReader<Meter>,
}

/// Counts and hashes what passes.
struct Meter {
    inner: Box<dyn Read>,
    hash: digest::Context,
    bytes: u64,
}

impl Read for Meter {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

impl Source {
    /// Opens a file, or standard input for `-`.
    ///
    /// # Errors
    /// When it cannot be opened or is a folder.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let inner: Box<dyn Read> = if path == Path::new("-") {
            Box::new(io::stdin())
        } else {
            Box::new(open_file(path, &name)?)
        };
        let hash = digest::Context::new(&digest::SHA256);
        let meter = Meter {
            inner,
            hash,
            bytes: 0,
        };
        Ok(Self {
            name,
            raw: BufReader::with_capacity(BUFFER, meter),
        })
    }

    /// Finds out the packing and gives a reader of the text.
    ///
    /// # Errors
    /// When reading fails or it is packed in a way that has to be unpacked first.
    pub(crate) fn text(&mut self) -> Result<(Packing, Box<dyn BufRead + '_>)> {
        let complain = |err| complaint(&self.name, Packing::Plain, &err);
        let mut head = Vec::with_capacity(MAGIC);
        let limit = MAGIC as u64;
        self.raw
            .by_ref()
            .take(limit)
            .read_to_end(&mut head)
            .map_err(complain)?;
        let packing = sniff(&head).map_err(|problem| input(&self.name, problem))?;
        let whole = Cursor::new(head).chain(&mut self.raw);
        let reader: Box<dyn BufRead + '_> = match packing {
            Packing::Plain => Box::new(whole),
            Packing::Gzip => Box::new(BufReader::with_capacity(BUFFER, Members::new(whole))),
            Packing::Zstd => {
                let decoder = zstd::Decoder::with_buffer(whole).map_err(complain)?;
                Box::new(BufReader::with_capacity(BUFFER, decoder))
            }
        };
        Ok((packing, reader))
    }

    /// SHA-256 in hex and the number of bytes, after reading what is left.
    ///
    /// # Errors
    /// When reading fails.
    pub(crate) fn finish(mut self) -> Result<(String, u64)> {
        io::copy(&mut self.raw, &mut io::sink())
            .map_err(|err| complaint(&self.name, Packing::Plain, &err))?;
        let meter = self.raw.into_inner();
        Ok((hex(meter.hash.finish().as_ref()), meter.bytes))
    }
}

/// Whether a list can be opened; only a file is.
///
/// # Errors
/// When it cannot be opened, is not there or is a folder.
pub(super) fn reachable(path: &Path) -> Result<()> {
    let name = path.display().to_string();
    let facts = path
        .metadata()
        .map_err(|err| input(&name, cannot("open", &err)))?;
    if facts.is_file() || facts.is_dir() {
        return open_file(path, &name).map(drop);
    }
    Ok(())
}

/// A complaint about a list.
pub(crate) fn input(name: &str, problem: impl Into<String>) -> Error {
    Error::Input {
        path: name.to_owned(),
        problem: problem.into(),
    }
}

/// A failure in the middle of a list, as a sentence.
pub(crate) fn complaint(name: &str, packing: Packing, err: &io::Error) -> Error {
    let stream = match packing {
        Packing::Plain => return input(name, cannot("read", err)),
        Packing::Gzip => "gzip",
        Packing::Zstd => "zstd",
    };
    let problem = if err.raw_os_error().is_some() {
        cannot("read", err)
    } else if err.kind() == io::ErrorKind::UnexpectedEof {
        format!("the {stream} stream ends early; fetch the list again")
    } else if err.to_string().contains(WINDOW_TOO_LARGE) {
        "needs more than 128 MiB of memory to unpack; pack it again without --long".to_owned()
    } else {
        format!("the {stream} stream is damaged ({err}); fetch the list again")
    };
    input(name, problem)
}

fn cannot(action: &str, err: &io::Error) -> String {
    format!("cannot {action}: {err}; check the path and its permissions")
}

fn open_file(path: &Path, name: &str) -> Result<File> {
    let file = File::open(path).map_err(|err| input(name, cannot("open", &err)))?;
    let facts = file
        .metadata()
        .map_err(|err| input(name, cannot("read", &err)))?;
    if facts.is_dir() {
        return Err(input(name, "is a folder; name the files in it one by one"));
    }
    Ok(file)
}

fn sniff(head: &[u8]) -> Result<Packing, &'static str> {
    match head {
        [0x1f, 0x8b, ..] => Ok(Packing::Gzip),
        // A frame, or a skippable frame as pzstd puts in front.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Packing::Zstd),
        [b'P', b'K', 3, 4, ..] => Err("is a zip archive; unpack it first (unzip -p FILE > LIST)"),
        [0xfd, b'7', b'z', b'X', ..] => {
            Err("is packed with xz; unpack it first (xz -dc FILE > LIST)")
        }
        _ => Ok(Packing::Plain),
    }
}

/// The members of a gzip file one after the other. Unlike `MultiGzDecoder` it tells a cut from
/// something that was appended.
struct Members<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    fn new(reader: R) -> Self {
        Self {
            member: Some(GzDecoder::new(reader)),
        }
    }

    /// Goes to the next member; false at the end of the file.
    fn advance(&mut self) -> io::Result<bool> {
        let Some(member) = self.member.take() else {
            return Ok(false);
        };
        let mut reader = member.into_inner();
        match reader.fill_buf()? {
            [] => Ok(false),
            [0x1f, ..] => {
                self.member = Some(GzDecoder::new(reader));
                Ok(true)
            }
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "something that is not gzip follows its end",
            )),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let count = member.read(buffer)?;
            if count > 0 || buffer.is_empty() {
                return Ok(count);
            }
            self.advance()?;
        }
        Ok(0)
    }
}
