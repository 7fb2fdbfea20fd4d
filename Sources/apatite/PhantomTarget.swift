import ArgumentParser
import Foundation
import Phantom

/// What every simulated study asks for: where to write it, which spectra, whose headers.
struct PhantomTarget: ParsableArguments {
    @Option(help: "Folder to write into; made when absent.")
    var output: String

    @Option(name: .customLong("pair"), help: "The two spectra: 80/Sn150, 80/140, 100/Sn140, 70/Sn150 ...")
    var pairName = "80/Sn150"

    @Option(name: .customLong("vendor"), help: "Whose conventions the headers follow: siemens or generic.")
    var vendorName = "siemens"

    func validate() throws {
        guard SpectrumPair(pairName) != nil else {
            let names = TubeSpectrum.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--pair takes two spectra, the softer first, of: \(names)")
        }
        guard Vendor(rawValue: vendorName) != nil else { throw ValidationError("--vendor is siemens or generic") }
    }

    var folder: URL { URL(fileURLWithPath: output) }
    var pair: SpectrumPair? { SpectrumPair(pairName) }
    var vendor: Vendor { Vendor(rawValue: vendorName) ?? .siemens }
}
