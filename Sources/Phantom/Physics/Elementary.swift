import Glibc

/// The elementary functions of the C library, named so that callers need not import it.
func exponential(_ x: Double) -> Double { exp(x) }
func exponential(_ x: Float) -> Float { expf(x) }
func logarithm(_ x: Double) -> Double { log(x) }
func logarithm(_ x: Float) -> Float { logf(x) }
func sine(_ x: Double) -> Double { sin(x) }
func cosine(_ x: Double) -> Double { cos(x) }
func sine(degrees: Float) -> Float { sinf(degrees * .pi / 180) }
func cosine(degrees: Float) -> Float { cosf(degrees * .pi / 180) }
func cubeRoot(_ x: Double) -> Double { cbrt(x) }
