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

/// The median of some values, and their standard deviation as a Gaussian's by the median of their distances from it.
///
/// - Precondition: there are any.
package func medianAndDeviation(_ values: [Float]) -> (median: Float, deviation: Float) {
    let median = nthSmallest(values.count / 2, of: values)
    return (median, 1.4826 * nthSmallest(values.count / 2, of: values.map { abs($0 - median) }))
}

/// The value that `values` would have at index `n` if they were sorted.
///
/// Hoare's selection. - Precondition: `n` is an index of `values`.
package func nthSmallest<Value: Comparable>(_ n: Int, of values: [Value]) -> Value {
    var values = values
    var range = 0..<values.count
    while true {
        let pivot = values[(range.lowerBound + range.upperBound) / 2]
        // Below the pivot, the pivot's equals, above.
        var (below, next, above) = (range.lowerBound, range.lowerBound, range.upperBound)
        while next < above {
            if values[next] < pivot {
                values.swapAt(below, next)
                below += 1
                next += 1
            } else if values[next] > pivot {
                above -= 1
                values.swapAt(above, next)
            } else {
                next += 1
            }
        }
        if n < below {
            range = range.lowerBound..<below
        } else if n >= above {
            range = above..<range.upperBound
        } else {
            return pivot
        }
    }
}
