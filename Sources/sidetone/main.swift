print("sidetone")
