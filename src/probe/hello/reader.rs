//! Reading numbers and vectors from bytes of strangers: bounds are checked, nothing panics.

/// What is left of a message.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next bytes.
    pub fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    /// The next number of so many bytes, at most four, in network order.
    fn number(&mut self, bytes: usize) -> Option<u32> {
        let bytes = self.take(bytes)?;
        Some(
            bytes
                .iter()
                .fold(0, |all, byte| all << 8 | u32::from(*byte)),
        )
    }

    /// The next byte.
    pub fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// The next two bytes.
    pub fn u16(&mut self) -> Option<u16> {
        self.number(2).and_then(|number| u16::try_from(number).ok())
    }

    /// The next vector, whose length stands before it in so many bytes.
    pub fn vector(&mut self, length: usize) -> Option<Self> {
        let count = usize::try_from(self.number(length)?).ok()?;
        self.take(count).map(Self)
    }
}
