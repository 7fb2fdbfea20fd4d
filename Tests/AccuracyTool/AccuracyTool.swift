import Foundation

/// Measures how accurate the core is, on simulated scans whose truth is known.
///
///     accuracy-tool list
///     accuracy-tool EXPERIMENT [SEED [COUNT]]
///     accuracy-tool second-opinion FOLDER CASE LOW HIGH
///     accuracy-tool detection STUDIES.json fit|report SEED FOLDER [make|repeat|changed|eroded]
///
/// Prints one line of JSON for each row. The same arguments print the same lines. `COUNT` is the number of scans or
/// repeats; 0, the default, is the experiment's own number, with which the table is published.
@main
enum AccuracyTool {
    /// A new experiment is a file of its own and a line here; `scripts/benchmarks/accuracy.py` knows the rows.
    static var experiments: [any Experiment.Type] {
        [
            RodAccuracy.self, BoneAccuracy.self, DepositMass.self, DepositCoverage.self, DepositRepeat.self,
            HandMass.self, ChangeExperiment.self,
            TissueAccuracy.self, CramerRaoAccuracy.self,
        ]
    }

    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments == ["list"] {
            for experiment in experiments { print(experiment.name) }
            return
        }
        if arguments.first == "second-opinion", SecondOpinion.run(Array(arguments.dropFirst())) { return }
        if arguments.first == "detection", try DetectionRun.run(Array(arguments.dropFirst())) { return }
        guard let name = arguments.first, arguments.count <= 3,
            let experiment = experiments.first(where: { $0.name == name }),
            let seed = arguments.count > 1 ? UInt64(arguments[1]) : 1,
            let count = arguments.count > 2 ? Int(arguments[2]) : 0, count >= 0
        else {
            complain(
                "usage: accuracy-tool list | accuracy-tool EXPERIMENT [SEED [COUNT]] | "
                    + "accuracy-tool second-opinion FOLDER CASE LOW HIGH | "
                    + "accuracy-tool detection STUDIES.json fit|report SEED FOLDER [make|repeat|changed|eroded]")
            exit(64)
        }
        for row in experiment.run(seed: seed, count: count == 0 ? experiment.standardCount : count) {
            print(row.json)
        }
    }
}
