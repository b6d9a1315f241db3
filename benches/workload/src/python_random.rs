//! CPython's `random.Random`, as far as the workload draws from it.
//!
//! The workload was first written by a Python script, and peers in other languages are measured on
//! what that script writes. Drawing the same numbers gives the same organizations, so that figures
//! stay comparable. The sequence is part of what CPython promises: `random()` for a given seed never
//! changes (<https://docs.python.org/3/library/random.html#notes-on-reproducibility>); the methods
//! above it have been stable since 3.2, and the pinned digests of the workload would tell.

use rand_mt::Mt;
use sha2::{Digest, Sha512};

/// A generator in the state of `random.Random(seed)` for a string seed (version 2).
pub(crate) struct PythonRandom(Mt);

impl PythonRandom {
    /// Seeds with the bytes of the string followed by their SHA-512, read as one big-endian integer.
    pub(crate) fn new(seed: &str) -> Self {
        let mut bytes = seed.as_bytes().to_vec();
        bytes.extend(Sha512::digest(seed.as_bytes()));
        // CPython hands the integer to `init_by_array` in 32-bit words, the least significant first,
        // without leading zero words.
        let mut key: Vec<u32> =
            bytes.rchunks(4).map(|word| word.iter().fold(0, |value, &byte| value << 8 | u32::from(byte))).collect();
        while key.len() > 1 && key.last() == Some(&0) {
            key.pop();
        }
        Self(Mt::new_with_key(key))
    }

    /// `random()`: a float in `[0, 1)` with 53 random bits.
    pub(crate) fn random(&mut self) -> f64 {
        let high = f64::from(self.0.next_u32() >> 5);
        let low = f64::from(self.0.next_u32() >> 6);
        (high * 67_108_864.0 + low) / 9_007_199_254_740_992.0
    }

    /// `randrange(n)`, for `0 < n < 2^32`: as many random bits as `n` has, again until they are below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        let bits = usize::BITS - n.leading_zeros();
        loop {
            let drawn = (self.0.next_u32() >> (32 - bits)) as usize;
            if drawn < n {
                return drawn;
            }
        }
    }

    /// `choice(items)`.
    pub(crate) fn choice<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// `choices(items, weights)[0]`, by the running sums of the weights ([`running_sums`]).
    pub(crate) fn weighted<'a, T>(&mut self, items: &'a [T], sums: &[f64]) -> &'a T {
        let last = items.len() - 1;
        let point = self.random() * sums[last];
        &items[sums[..last].partition_point(|&sum| sum <= point)]
    }

    /// `sample(items, k)`, for the up to 21 items where CPython draws from a pool.
    pub(crate) fn sample<T: Clone>(&mut self, items: &[T], k: usize) -> Vec<T> {
        assert!(items.len() <= 21, "longer samples are drawn in another way");
        let mut pool = items.to_vec();
        (0..k)
            .map(|_| {
                let drawn = self.below(pool.len());
                pool.swap_remove(drawn)
            })
            .collect()
    }

    /// `shuffle(items)`.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// `length` characters, each a `choice` of the (ASCII) alphabet.
    pub(crate) fn identifier(&mut self, alphabet: &str, length: usize) -> String {
        (0..length).map(|_| char::from(*self.choice(alphabet.as_bytes()))).collect()
    }
}

/// `list(itertools.accumulate(weights))`.
pub(crate) fn running_sums(weights: &[f64]) -> Vec<f64> {
    weights
        .iter()
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expectations are what CPython 3.11 prints for `random.Random("bailiwick")`.

    #[test]
    fn floats_are_those_of_cpython() {
        let mut random = PythonRandom::new("bailiwick");
        let drawn: Vec<f64> = (0..3).map(|_| random.random()).collect();
        assert_eq!(drawn, [0.18968892999898057, 0.21991806390123414, 0.4100930652711128]);
    }

    #[test]
    fn draws_are_those_of_cpython() {
        let mut random = PythonRandom::new("bailiwick");
        let below: Vec<usize> = [1, 2, 3, 10_000, 4_000_000_000].map(|n| random.below(n)).into();
        assert_eq!(below, [0, 0, 0, 6718, 2101288961]);
        assert_eq!(random.sample(&(0..12).collect::<Vec<_>>(), 5), [0, 1, 8, 9, 2]);
        let mut items: Vec<usize> = (0..10).collect();
        random.shuffle(&mut items);
        assert_eq!(items, [5, 8, 1, 0, 6, 3, 9, 7, 4, 2]);
        let sums = running_sums(&[0.5, 6.0, 0.15, 3.0]);
        let weighted: String = (0..12).map(|_| *random.weighted(&['a', 'b', 'c', 'd'], &sums)).collect();
        assert_eq!(weighted, "bbbdbddbbdbb");
        assert_eq!(random.identifier("0123456789abcdef", 16), "3b70b8799c06ded4");
    }
}
