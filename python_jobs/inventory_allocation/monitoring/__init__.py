"""Whether to go on trusting what runs every night: drift, accuracy, adherence, volume."""

from inventory_allocation.monitoring.checks import check_customers, check_periods
from inventory_allocation.monitoring.settings import MonitoringSettings

__all__ = ["MonitoringSettings", "check_customers", "check_periods"]
