"""What cover costs: callout and standby pay."""
