using Gantry.Api.Mapping;
using Gantry.Engine.Containers;

namespace Gantry.Api.Tests.Mapping;

public class ContainerStatusTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 3, 2, 1, TimeSpan.Zero);

    [Theory]
    [InlineData(0.4, "Less than a second")]
    [InlineData(1.9, "1 second")]
    [InlineData(59.9, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(59 * 60, "59 minutes")]
    [InlineData(60 * 60, "About an hour")]
    [InlineData(90 * 60, "2 hours")]
    [InlineData(47 * 3600, "47 hours")]
    [InlineData(48 * 3600, "2 days")]
    [InlineData(13 * 86400, "13 days")]
    [InlineData(14 * 86400, "2 weeks")]
    [InlineData(60 * 86400, "2 months")]
    [InlineData(730 * 86400, "2 years")]
    public void Spans_are_in_dockers_words(double seconds, string text) => Assert.Equal(text, HumanDuration.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(ContainerStatus.Created, "Created")]
    [InlineData(ContainerStatus.Running, "Up 3 minutes")]
    [InlineData(ContainerStatus.Paused, "Up 3 minutes (Paused)")]
    [InlineData(ContainerStatus.Restarting, "Restarting (7) 5 seconds ago")]
    [InlineData(ContainerStatus.Exited, "Exited (7) 5 seconds ago")]
    [InlineData(ContainerStatus.Removing, "Removal In Progress")]
    [InlineData(ContainerStatus.Dead, "Dead")]
    public void States_are_in_dockers_words(ContainerStatus status, string text)
    {
        var state = new ContainerState { Status = status, ExitCode = 7, StartedAt = Now.AddMinutes(-3), FinishedAt = Now.AddSeconds(-5) };
        Assert.Equal(text, ContainerStatusText.Sentence(state, Now));
    }
}
