print("domain-lm")
