// Tests of Speech.
