"""Tests of documents, their update log, history and quotas."""
