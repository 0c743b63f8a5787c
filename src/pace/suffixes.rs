//! Names by their ends, label by label.

/// A name and everything behind each of its dots: `a.b.cz`, `b.cz`, `cz`.
pub fn ends(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(name), |end| Some(end.split_once('.')?.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_comes_first() {
        assert_eq!(ends("a.b.cz").collect::<Vec<_>>(), ["a.b.cz", "b.cz", "cz"]);
        assert_eq!(ends("cz").collect::<Vec<_>>(), ["cz"]);
    }
}
