//! What is in two sets, or in one of them only, word by word: the iterators of `fixedbitset` look at each element.

use super::owners::Set;

/// The elements that both have.
pub(super) fn in_both<'a>(one: &'a Set, other: &'a Set) -> impl Iterator<Item = usize> + use<'a> {
    let others = other.as_slice().iter();
    let words = one.as_slice().iter().zip(others);
    elements(words.map(|(one, other)| one & other))
}

/// The elements that the first has and the second hasn't.
pub(super) fn in_first_only<'a>(
    first: &'a Set,
    second: &'a Set,
) -> impl Iterator<Item = usize> + use<'a> {
    let second = second.as_slice().iter().chain(std::iter::repeat(&0));
    let words = first.as_slice().iter().zip(second);
    elements(words.map(|(first, second)| first & !second))
}

/// The places of the bits that are set.
fn elements(words: impl Iterator<Item = usize>) -> impl Iterator<Item = usize> {
    let starts = (0..).step_by(size_of::<usize>() << 3);
    starts.zip(words).flat_map(|(start, mut word)| {
        std::iter::from_fn(move || {
            let bit = usize::try_from(word.trailing_zeros()).ok()?;
            // Without the lowest one; zero has none.
            word &= word.checked_sub(1)?;
            Some(start + bit)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(step: usize, length: usize) -> Set {
        let mut set = Set::with_capacity(length);
        set.extend((0..length).step_by(step));
        set
    }

    #[test]
    fn as_the_iterators_say() {
        let known = every(3, 200);
        for (step, length) in [(2, 300), (3, 300), (1, 64), (1, 65), (7, 1), (5, 0)] {
            let other = every(step, length);
            for (one, other) in [(&known, &other), (&other, &known)] {
                assert!(in_both(one, other).eq(one.intersection(other)));
                assert!(in_first_only(one, other).eq(one.difference(other)));
            }
        }
    }
}
