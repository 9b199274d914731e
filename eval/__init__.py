"""The harness: rule baselines, strict scores with intervals over reports, and the tables that show them."""
