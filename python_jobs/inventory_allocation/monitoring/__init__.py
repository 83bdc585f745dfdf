"""Whether to go on trusting what runs every night: drift, accuracy, adherence, volume."""

from inventory_allocation.monitoring.checks import MonitoringInputs, run_checks
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["MonitoringInputs", "MonitoringSettings", "run_checks"]
