"""The harness: rule baselines, scores with intervals and p-values over reports, and the tables that show them."""
