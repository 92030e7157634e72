//! One case: a scene, and the damage that is done to the answers of its server.

use fastrand::Rng;

use crate::damage::{Damage, Way};
use crate::scene::Scene;

#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) scene: Scene,
    /// Decides the details of the scene.
    pub(crate) seed: u64,
    pub(crate) damage: Vec<Damage>,
}

impl Case {
    /// Without damage.
    pub(crate) fn honest(scene: Scene, seed: u64) -> Self {
        Self { scene, seed, damage: Vec::new() }
    }

    /// Every answer to one operation damaged in one way.
    pub(crate) fn with(scene: Scene, operation: &'static str, way: Way) -> Self {
        Self { scene, seed: 0, damage: vec![Damage::every(operation, way)] }
    }

    /// The case of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let scene = Scene::ALL[rng.usize(0..Scene::ALL.len())];
        let targets = scene.targets();
        let damage = (0..rng.usize(1..=3)).map(|_| {
            let operation = targets[rng.usize(0..targets.len())];
            Damage {
                operation,
                skip: if rng.u32(0..3) == 0 { rng.u32(0..4) } else { 0 },
                times: (rng.u32(0..3) == 0).then(|| rng.u32(1..=3)),
                way: Way::of(&mut rng, operation),
            }
        });
        Self { scene, seed, damage: damage.collect() }
    }
}
