using Gantry.Api.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>Health checks as the API has them.</summary>
internal static class HealthChecks
{
    /// <summary>The health check, or null for the image's own.</summary>
    public static HealthConfig? Of(MapValue? check)
    {
        if (check is null)
            return null;
        return new HealthConfig
        {
            Test = check.Flag("disable") ? ["NONE"] : check.Texts("test"),
            Interval = check.Number("interval"),
            Timeout = check.Number("timeout"),
            StartPeriod = check.Number("start_period"),
            StartInterval = check.Number("start_interval"),
            Retries = (int)check.Number("retries"),
        };
    }
}
