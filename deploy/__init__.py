"""Deploying to AWS, or into the emulator: ``python -m deploy up STAGE``."""
