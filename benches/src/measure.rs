//! Interleaved measuring: A B C A B C …, so that whatever disturbs the machine disturbs all sides alike.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    /// How long one sample is to take.
    pub(crate) sample: Duration,
    /// How many blocks of rounds; each yields one ratio.
    pub(crate) blocks: usize,
    /// How many rounds in a block; each takes one sample of every side.
    pub(crate) rounds: usize,
}

/// One side of a comparison: runs so many operations, and says how long they took.
pub(crate) type Side<'a> = Box<dyn FnMut(usize) -> Duration + 'a>;

/// A side whose inputs are made outside of the measured time and given away to the work.
pub(crate) fn side<'a, I: 'a, O: 'a>(
    mut input: impl FnMut() -> I + 'a,
    mut work: impl FnMut(I) -> O + 'a,
) -> Side<'a> {
    Box::new(move |count| {
        let inputs: Vec<I> = (0..count).map(|_| input()).collect();
        let started = Instant::now();
        for input in inputs {
            black_box(work(black_box(input)));
        }
        started.elapsed()
    })
}

/// What came out for one peer.
pub(crate) struct Ratio {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// What came out: nanoseconds per operation of each side, and each peer's time divided by that of the first side.
pub(crate) struct Result {
    pub(crate) nanos: Vec<f64>,
    pub(crate) ratios: Vec<Ratio>,
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Measures the sides against each other; the first is ours.
pub(crate) fn compare(effort: Effort, mut sides: Vec<Side<'_>>) -> Result {
    // Enough operations that a sample is long against the clock, and warm.
    let mut count = 1;
    if let Some(first) = sides.first_mut() {
        while first(count) < effort.sample && count < 1 << 20 {
            count *= 2;
        }
    }
    for side in &mut sides {
        side(count);
    }
    let operations = count as f64;
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); sides.len()];
    let mut all: Vec<Vec<f64>> = vec![Vec::new(); sides.len()];
    let mut of_blocks: Vec<Vec<f64>> = vec![Vec::new(); sides.len()];
    for _ in 0..effort.blocks {
        let mut block: Vec<Vec<f64>> = vec![Vec::new(); sides.len()];
        for _ in 0..effort.rounds {
            let round: Vec<f64> = sides
                .iter_mut()
                .map(|side| side(count).as_secs_f64() * 1e9 / operations)
                .collect();
            let ours = round.first().copied().unwrap_or(f64::NAN);
            for (at, time) in round.into_iter().enumerate() {
                times[at].push(time);
                all[at].push(time / ours);
                block[at].push(time / ours);
            }
        }
        for (ratios, block) in of_blocks.iter_mut().zip(block) {
            ratios.push(median(block));
        }
    }
    Result {
        nanos: times.into_iter().map(median).collect(),
        ratios: all
            .into_iter()
            .zip(of_blocks)
            .skip(1)
            .map(|(all, blocks)| Ratio {
                median: median(all),
                least: blocks.iter().copied().fold(f64::INFINITY, f64::min),
                most: blocks.iter().copied().fold(0.0, f64::max),
            })
            .collect(),
    }
}
