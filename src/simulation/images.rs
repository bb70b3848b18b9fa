//! The images, regions and re-readings of each patient who stays, as files.

use crate::plan::Plan;

use super::cohort::Cohort;
use super::error::SimulationError;
use super::settings::ImageSettings;

/// What all patients' images have in common.
pub(super) struct Scene {
    patients: Vec<usize>,
}

impl Scene {
    pub(super) fn new(
        _plan: &Plan,
        _settings: &ImageSettings,
        _cohort: &Cohort,
        _seed: u64,
    ) -> Result<Self, SimulationError> {
        Ok(Self { patients: Vec::new() })
    }

    pub(super) fn patients(&self) -> &[usize] {
        &self.patients
    }

    pub(super) fn files(
        &self,
        _row: usize,
        _put: impl FnMut(String, Vec<u8>) -> Result<(), SimulationError>,
    ) -> Result<(), SimulationError> {
        Ok(())
    }
}
