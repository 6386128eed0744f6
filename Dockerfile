# docker build -t irmad .
# docker run -p 8088:8088 -v ./irmaserver.yaml:/etc/irmaserver/irmaserver.yaml:ro irmad
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -buildid=' -o /irmad ./cmd/irmad
RUN mkdir -p /data/irma

# Nothing but the program and the certificates that it trusts.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /irmad /irmad
# Schemes are fetched into this directory. Mount a volume there to keep them.
COPY --from=build --chown=65532:65532 /data /var/lib/irmad
ENV XDG_DATA_HOME=/var/lib/irmad
USER 65532:65532
EXPOSE 8088
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/irmad", "healthcheck"]
ENTRYPOINT ["/irmad"]
CMD ["serve"]
