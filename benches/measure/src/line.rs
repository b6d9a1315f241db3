//! What is promised, and what was measured of it.

use crate::process::Run;
use crate::spread::Spread;
use crate::turns::Measurements;

/// What a figure counts.
#[derive(Copy, Clone, Eq, PartialEq)]
pub enum Unit {
    /// Seconds of CPU time.
    Cpu,
    /// Seconds of CPU time for one of very many, told as how many there are in a second.
    Rate,
    /// Bytes of memory.
    Memory,
    /// One figure as a multiple of another.
    Ratio,
    /// Of growth.
    Exponent,
    /// Files, or other things.
    Count,
}

impl Unit {
    /// A figure as people read it.
    pub(crate) fn show(self, figure: f64) -> String {
        match self {
            Self::Cpu if figure < 1.0 => format!("{:.1} ms", figure * 1e3),
            Self::Cpu => format!("{figure:.2} s"),
            Self::Rate => format!("{:.1} M/s", 1e-6 / figure),
            Self::Memory => format!("{:.1} MB", figure / 1e6),
            Self::Ratio if figure < 0.1 => format!("1/{:.0}", 1.0 / figure),
            Self::Ratio | Self::Exponent => format!("{figure:.2}"),
            Self::Count => format!("{figure:.0}"),
        }
    }
}

/// One promise and what became of it; less is better.
pub struct Line {
    /// What is promised.
    pub what: String,
    /// What its figures count.
    pub unit: Unit,
    /// What was measured, or why nothing was.
    pub figure: Result<Spread, String>,
    /// What it must not be above. Without one, the figure is only told.
    pub target: Option<f64>,
    /// What would be better still.
    pub stretch: Option<f64>,
}

/// A line from its parts.
pub fn line(what: &str, unit: Unit, figure: Result<Spread, String>, target: Option<f64>, stretch: Option<f64>) -> Line {
    Line { what: what.to_owned(), unit, figure, target, stretch }
}

/// A subject by its name, whether it was measured or not.
pub struct Named<'a> {
    measurements: &'a Measurements,
    name: String,
}

impl<'a> Named<'a> {
    /// The subject of this name.
    pub fn new(measurements: &'a Measurements, name: impl Into<String>) -> Self {
        Self { measurements, name: name.into() }
    }

    /// The runs, or why it failed; nothing when it took no part.
    fn runs(&self) -> Option<Result<&'a [Run], String>> {
        let Self { measurements, name } = self;
        if let Some(failure) = measurements.failures.get(name) {
            return Some(Err(format!("`{name}` failed: {failure}")));
        }
        measurements.runs(name).map(Ok)
    }

    /// A line about its CPU time.
    pub fn cpu(&self, what: &str, target: Option<f64>, stretch: Option<f64>) -> Option<Line> {
        let figure = self.each(|run| run.cpu.as_secs_f64())?;
        Some(line(what, Unit::Cpu, figure, target, stretch))
    }

    /// CPU time over that of a yardstick in the same round.
    pub fn over(&self, yardstick: &Self, what: &str, target: Option<f64>, stretch: Option<f64>) -> Option<Line> {
        let figure = self.paired(yardstick, |own, other| own / other)?;
        Some(line(what, Unit::Ratio, figure, target, stretch))
    }

    /// A figure of every run.
    pub fn each(&self, figure: fn(&Run) -> f64) -> Option<Result<Spread, String>> {
        let runs = self.runs()?;
        Some(runs.and_then(|runs| spread(runs.iter().map(figure))))
    }

    /// A figure of every round, from its CPU time and that of another subject, in seconds.
    pub fn paired(&self, other: &Self, figure: impl Fn(f64, f64) -> f64) -> Option<Result<Spread, String>> {
        let (runs, others) = (self.runs()?, other.runs()?);
        Some(runs.and_then(|runs| {
            let pairs = runs.iter().zip(others?);
            spread(pairs.map(|(own, other)| figure(own.cpu.as_secs_f64(), other.cpu.as_secs_f64())))
        }))
    }
}

fn spread(figures: impl Iterator<Item = f64>) -> Result<Spread, String> {
    Spread::of(figures).ok_or_else(|| "nothing was measured".to_owned())
}
