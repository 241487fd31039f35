"""Signed webhooks (Standard Webhooks)."""
