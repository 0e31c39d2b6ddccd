"""What serves the learner: a workspace with the notebooks, JupyterLab on it, the verdicts on a finished notebook."""
