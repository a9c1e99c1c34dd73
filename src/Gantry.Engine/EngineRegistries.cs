using Gantry.Images;
using Gantry.Registry.Client;

namespace Gantry.Engine;

/// <summary>What an engine has to do with registries.</summary>
/// <param name="Client">Their client, with its connections and tokens.</param>
/// <param name="Puller">Fetches images.</param>
/// <param name="Pusher">Sends images.</param>
/// <param name="Manifests">Reads and writes manifests there.</param>
public sealed record EngineRegistries(RegistryClient Client, ImagePuller Puller, ImagePusher Pusher, RegistryManifests Manifests);
