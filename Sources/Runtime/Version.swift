/// The program's version, as `--version` prints it and captures carry it.
public let sidetoneVersion = "0.1.0"
