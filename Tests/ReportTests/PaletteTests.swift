import Foundation
import Report
import Testing

struct PaletteTests {
    /// Linear RGB as people without one kind of cone see it.
    ///
    /// Reference: Machado, Oliveira and Fernandes, IEEE Trans Vis Comput Graph 15 (2009) 1291, severity 1.
    private static let vision: [String: [[Double]]] = [
        "normal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        "deuteranopia": [
            [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881],
        ],
        "protanopia": [
            [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998],
        ],
        "tritanopia": [
            [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900],
        ],
    ]

    private func multiplied(_ matrix: [[Double]], _ vector: [Double]) -> [Double] {
        matrix.map { row in zip(row, vector).reduce(0) { $0 + $1.0 * $1.1 } }
    }

    /// CIE L*, a*, b* of linear RGB under D65.
    private func lab(_ rgb: [Double]) -> [Double] {
        let xyz = zip(
            multiplied(
                [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]],
                rgb.map { min(max($0, 0), 1) }), [0.9505, 1, 1.089]
        ).map { $0 / $1 }
        let f = xyz.map { $0 > 0.008856 ? cbrt($0) : 7.787 * $0 + 16.0 / 116 }
        return [116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])]
    }

    private func linear(_ colour: Colour) -> [Double] {
        [colour.red, colour.green, colour.blue].map { value in
            value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
    }

    @Test(arguments: ["normal", "deuteranopia", "protanopia", "tritanopia"])
    func materialsAreToldApartWithAnyColourVision(kind: String) throws {
        let matrix = try #require(Self.vision[kind])
        let colours = [
            Palette.calcinosis, Palette.urate, Palette.indeterminate, Palette.excluded, Palette.otherMineral,
        ]
        let seen = colours.map { lab(multiplied(matrix, linear($0))) }
        for a in colours.indices {
            for b in (a + 1)..<colours.count {
                let difference = zip(seen[a], seen[b]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
                // Some 2.3 is just noticeable side by side; these stand apart, as small marks.
                #expect(difference > 25, "colours \(a) and \(b)")
            }
        }
    }
}
