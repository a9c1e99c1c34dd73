using Gantry.Api.Mapping;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Engine.Migrate;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>Gantry's own operations below `/gantry`: taking over what a Docker has.</summary>
internal sealed class SystemMigrateEndpoints(DockerMigrator migrator)
{
    public RouteTable Add(RouteTable routes) => routes.Add("POST", "/gantry/system/migrate", MigrateAsync);

    private Task MigrateAsync(ApiCall call)
    {
        if (call.Query("from").Length == 0)
            throw GantryException.Invalid("migrate: the parameter \"from\" is missing");
        var migration = new DockerMigration { From = call.Query("from"), Names = call.QueryAll("name"), DryRun = call.Flag("dryrun") };
        return ProgressStream.RunAsync(call, report => migrator.RunAsync(migration, progress => report(ProgressMapping.OfLoad(progress)), call.Aborted));
    }
}
