#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The C library's functions, named in one place so that the core needs no Foundation.
package func exponential(_ x: Double) -> Double { exp(x) }
package func exponential(_ x: Float) -> Float { expf(x) }
package func naturalLogarithm(_ x: Double) -> Double { log(x) }
package func errorFunction(_ x: Double) -> Double { erf(x) }
package func errorFunction(_ x: Float) -> Float { erff(x) }
package func cubeRoot(_ x: Double) -> Double { cbrt(x) }
package func power(_ x: Double, _ exponent: Double) -> Double { pow(x, exponent) }
package func cosine(_ x: Double) -> Double { cos(x) }
package func sine(_ x: Double) -> Double { sin(x) }
