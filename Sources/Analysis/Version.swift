/// Version of Apatite: of the algorithm, of the results and of every program.
public let apatiteVersion = "0.1.0"
