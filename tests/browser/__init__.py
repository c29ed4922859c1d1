"""End-to-end tests: real JupyterLab servers, kernels and hub, driven through a real browser."""
