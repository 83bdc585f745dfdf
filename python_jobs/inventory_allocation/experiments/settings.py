"""What an analysis of experiments needs to know beside the units."""

from dataclasses import dataclass

from inventory_allocation.errors import InputError

__all__ = ["ExperimentSettings"]


@dataclass(frozen=True)
class ExperimentSettings:
    """Settings of the analysis.

    Attributes:
        seed: Seed of the bootstrap and of the order of matching.
        alpha: Two-sided significance level; intervals have the level 1 - alpha.
        power_target: Power at which minimum detectable effects and sample sizes are stated.
        minimum_effect: Smallest effect worth finding, as a share of the control mean.
        bootstraps: Resamples of the bootstrap; 0 leaves its columns null.
    """

    seed: int
    alpha: float = 0.05
    power_target: float = 0.8
    minimum_effect: float = 0.1
    bootstraps: int = 2000

    def __post_init__(self) -> None:
        """Check the settings."""
        if not 0 < self.alpha < 0.5:
            raise InputError(f"alpha is {self.alpha}; it must be between 0 and 0.5")
        if not 0.5 <= self.power_target < 1:
            raise InputError(f"power_target is {self.power_target}; it must be from 0.5 to below 1")
        if not self.minimum_effect > 0:
            raise InputError(f"minimum_effect is {self.minimum_effect}; it must be above 0")
        if self.bootstraps < 0:
            raise InputError(f"bootstraps is {self.bootstraps}; it must be 0 or more")
        if self.seed < 0:
            raise InputError(f"seed is {self.seed}; it must be 0 or more")
